import pytest, json
from tests.api.clinic import clinic_on
@pytest.mark.parametrize("engine", ["sqlite","postgresql"])
def test_it(engine, tmp_path_factory, sqlite_template):
    with clinic_on(engine, tmp_path_factory, sqlite_template) as clinic:
        s = clinic.discharged()
        c = clinic.clinician
        m = clinic.service.send("GET","/fhir/metadata")
        print(m.status_code, m.headers["content-type"], m.text[:300])
        for t in [r["type"] for r in m.json()["rest"][0]["resource"]]:
            who = clinic.lead
            r = who.ask("GET", f"/fhir/{t}?_total=accurate&_count=3")
            b = r.json()
            print(t, r.status_code, b.get("total"), len(b.get("entry",[])), [l["relation"] for l in b.get("link",[])], r.text[:200] if r.status_code!=200 else "")
            for e in b.get("entry",[])[:2]:
                x = e["resource"]
                q = who.ask("GET", f"/fhir/{t}/{x['id']}")
                h = who.ask("GET", f"/fhir/{t}/{x['id']}/_history")
                v = who.ask("GET", f"/fhir/{t}/{x['id']}/_history/{x['meta']['versionId']}")
                assert q.status_code == h.status_code == v.status_code == 200, (q.text, h.text)
                assert q.content == v.content
                assert q.json() == x
        print(who.ask("GET", f"/fhir/Observation?foo=1").text)
        print(who.ask("GET", f"/fhir/Foo").text)
        print(who.ask("GET", f"/fhir/Encounter?_revinclude=Observation:encounter&_include=Encounter:patient").json().keys())
        print(who.ask("GET", f"/fhir/Observation?code=http://loinc.org|8867-4&patient={clinic.patient_id}").status_code)
