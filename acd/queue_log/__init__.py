"""app_queue's log, read into our ledger and written from it: for those who come from app_queue, and for their tools."""
