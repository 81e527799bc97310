"""What npm's spectral says of the REST gateway's OpenAPI document, by spectral.yaml.

    spectral_run.py http://127.0.0.1:8000 SPECTRAL FOLDER
"""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from people import check, get, report


def main():
    base, spectral, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])

    def lint():
        document = folder / "openapi.json"
        document.write_bytes(get(base + "/openapi.json"))
        said = subprocess.run(
            [spectral, "lint", "--quiet", "--format", "json", "--fail-severity", "hint", "--ruleset",
             Path(__file__).with_name("spectral.yaml"), document], capture_output=True, text=True, timeout=300)
        faults = [f"{'/'.join(map(str, fault['path']))}: {fault['code']}: {fault['message']}"
                  for fault in json.loads(said.stdout)]
        check(said.returncode == 0 and not faults, "\n".join(faults[:50]) + said.stderr)

    sys.exit(0 if report("spectral", [("has nothing to say of the document", lint)]) else 1)


if __name__ == "__main__":
    main()
