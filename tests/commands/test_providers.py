"""The operator settles which provider vouches for a clinic's people; its secret comes on standard input alone."""

from tests.commands.shell import Shell

SECRET = "never to be told"
HOW = ("--clinic", "Lakeside", "--name", "House key", "--client-id", "vitals")
ISSUER = ("--issuer", "https://login.example/realm")


def test_it_is_settled_shown_and_ended(clinic: Shell) -> None:
    assert clinic.fails("clinic", "oidc", "show", "--clinic", "Lakeside").endswith('"Lakeside" has no provider')
    assert clinic("clinic", "oidc", "set", *HOW, *ISSUER, typed=f"{SECRET}\n") == 0, clinic.err
    assert "once they have linked their accounts" in clinic.out
    assert "http://127.0.0.1:8000/" in clinic.err
    assert SECRET not in clinic.out + clinic.err
    assert clinic("clinic", "oidc", "set", *HOW, *ISSUER, "--private-network", typed=f"{SECRET}\n") == 0, clinic.err
    assert clinic("clinic", "oidc", "show", "--clinic", "Lakeside") == 0
    assert clinic.out == "House key  https://login.example/realm  client id vitals  private network\n"
    assert clinic("clinic", "oidc", "end", "--clinic", "Lakeside") == 0
    assert "nobody of" in clinic.fails("clinic", "oidc", "end", "--clinic", "Lakeside")
    assert clinic("clinic", "oidc", "show", "--clinic", "Lakeside") == 0
    assert clinic.out.endswith("  NOT IN USE\n")
    assert clinic("audit", "verify") == 0, clinic.err


def test_what_can_be_none_is_refused_in_one_line(clinic: Shell) -> None:
    line = clinic.fails("clinic", "oidc", "set", *HOW, "--issuer", "http://login.example", typed=f"{SECRET}\n")
    assert "issuer: the address must begin with https://" in line
    assert "no secret on standard input" in clinic.fails("clinic", "oidc", "set", *HOW, *ISSUER)
    assert "there is no clinic" in clinic.fails("clinic", "oidc", "end", "--clinic", "Elsewhere")
