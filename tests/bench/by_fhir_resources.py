"""Run by a Python that has fhir.resources: reads a searchset, and makes it again as such a service would.

    python by_fhir_resources.py TIMES < bundle.json

Prints the processor seconds of one time: every resource validated, the whole written.
"""

import json
import sys
import time

from fhir.resources.R4B.bundle import Bundle

if __name__ == "__main__":
    document, times = json.load(sys.stdin), int(sys.argv[1])
    Bundle.model_validate(document).model_dump_json()
    began = time.process_time()
    for _ in range(times):
        Bundle.model_validate(document).model_dump_json()
    print((time.process_time() - began) / times)
