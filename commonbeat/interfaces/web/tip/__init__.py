"""The pages for tips: no script, no cookie, no account, nobody else's address; also for an onion service."""
