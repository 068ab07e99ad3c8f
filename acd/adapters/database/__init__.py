"""What is kept: customers, calls, the ledger of facts, users; decides nothing, and no call waits for it."""
