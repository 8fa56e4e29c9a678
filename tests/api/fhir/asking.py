"""Asking /fhir in tests: entries of a page, and of all pages to the end."""

from collections.abc import Iterator
from typing import Any

from tests.api.clinic import Person

HERE = "http://127.0.0.1:8000"


def bundle(who: Person, path: str, **headers: str) -> dict[str, Any]:
    return who.ask("GET", f"/fhir/{path}", headers=headers or None, expect=200).json()


def resources(page: dict[str, Any], mode: str = "match") -> list[dict[str, Any]]:
    return [entry["resource"] for entry in page.get("entry", ()) if entry["search"]["mode"] == mode]


def link(page: dict[str, Any], relation: str) -> str | None:
    found = [one["url"] for one in page["link"] if one["relation"] == relation]
    return found[0].removeprefix(f"{HERE}/fhir/") if found else None


def pages(who: Person, path: str) -> Iterator[dict[str, Any]]:
    following: str | None = path
    while following:
        page = bundle(who, following)
        yield page
        following = link(page, "next")


def everything(who: Person, path: str) -> list[dict[str, Any]]:
    return [resource for page in pages(who, path) for resource in resources(page)]


def issues(answer: Any) -> list[str]:
    return [issue["diagnostics"] for issue in answer.json()["issue"]]
