"""A clinic with a provider: both real, and a browser's part in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.clinic import Clinic, clinic_on
from tests.api.vouching import HERE, Browser, settle
from tests.conftest import ENGINES
from tests.exchange.authority import believed
from tests.exchange.openid_provider import OpenIdProvider, openid_provider


@pytest.fixture(scope="module", params=ENGINES)
def clinic(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Clinic]:
    with clinic_on(request.param, tmp_path_factory, sqlite_template, public_url=HERE) as opened:
        yield opened


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with believed(tmp_path_factory.mktemp("authority")) as found:
        yield found


@pytest.fixture
def provider(chain: Path, clinic: Clinic) -> Iterator[OpenIdProvider]:
    clinic.service.forget_attempts()
    with openid_provider(chain, clinic.service.clock.wall) as found:
        settle(clinic, found)
        yield found


@pytest.fixture
def browser(clinic: Clinic, provider: OpenIdProvider) -> Browser:
    return Browser(clinic.service, provider)
