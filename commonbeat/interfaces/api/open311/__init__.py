"""Open311 GeoReport v2: reads public cards, takes reports, in XML and JSON."""
