"""The problem (SARA): where concerns that belong together are scanned, analysed, answered and assessed as one."""
