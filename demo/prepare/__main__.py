"""Make the demo's data files from the raw files: `python demo/prepare RAW_FOLDER`; needs shapely and pyarrow."""

from __future__ import annotations

import sys
from pathlib import Path

from addresses import make_addresses
from areas import make_areas
from incidents import make_incidents
from service_requests import make_requests
from studies import make_studies

DEMO = Path(__file__).resolve().parent.parent


def main() -> int:
    """Write everything that comes from raw files; the rest of demo/ is written by hand and left alone."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("Give the folder with the raw files: python demo/prepare RAW_FOLDER", file=sys.stderr)
        return 2
    raw = Path(sys.argv[1])
    make_addresses(raw, DEMO)
    make_areas(raw, DEMO)
    make_requests(raw, DEMO / "requests")
    make_studies(raw, DEMO / "studies")
    make_incidents(raw, DEMO / "incidents")
    return 0


if __name__ == "__main__":
    sys.exit(main())
