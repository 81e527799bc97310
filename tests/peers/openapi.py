"""What PyPI's openapi-spec-validator says of the REST gateway's OpenAPI document.

    openapi.py http://127.0.0.1:8000
"""

import json
import sys
import urllib.request

from openapi_spec_validator import OpenAPIV31SpecValidator

from people import check, report

# No proxy stands between programs of one machine.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def main():
    document = {}

    def fetch():
        with _open(sys.argv[1] + "/openapi.json") as response:
            check(response.headers["Content-Type"] == "application/json", "it is no JSON")
            document.update(json.load(response))

    def validate():
        faults = [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}"
                  for fault in OpenAPIV31SpecValidator(document).iter_errors()]
        check(not faults, "\n".join(faults))

    def covers():
        check(len(document["paths"]) > 50, "there are few paths in it")

    sys.exit(0 if report("openapi", [("is served", fetch), ("is valid OpenAPI 3.1", validate),
                                     ("has all paths", covers)]) else 1)


if __name__ == "__main__":
    main()
