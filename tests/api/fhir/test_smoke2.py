import json, time
import pytest
from starlette.testclient import TestClient
from app.main import create_app
from app.settings import Settings
from tests.api.clinic import clinic_on
from tests.api import clinic as made
@pytest.mark.parametrize("engine", ["sqlite","postgresql"])
def test_export(engine, tmp_path_factory, sqlite_template):
    with clinic_on(engine, tmp_path_factory, sqlite_template) as clinic:
        clinic.discharged()
        who = clinic.lead
        r = who.ask("GET", "/fhir/$export", headers={"Prefer": "respond-async", "Accept": "application/fhir+json"})
        print(r.status_code, r.headers.get("content-location"), r.text)
        url = r.headers["content-location"].replace("http://testserver", "")
        for n in range(100):
            r = who.ask("GET", url)
            print(r.status_code, dict(r.headers).get("x-progress"), r.text[:3000])
            if r.status_code != 202: break
            clinic.service.clock.pass_on_the_wall(0.5)
            time.sleep(0.3)
        for o in r.json()["output"]:
            f = who.ask("GET", o["url"].replace("http://testserver", ""))
            lines = f.text.splitlines()
            assert len(lines) == o["count"]
            assert {json.loads(x)["resourceType"] for x in lines} == {o["type"]}
            assert clinic.clinician.ask("GET", o["url"].replace("http://testserver", "")).status_code == 404
        print(who.ask("DELETE", url).status_code, who.ask("GET", url).status_code)
