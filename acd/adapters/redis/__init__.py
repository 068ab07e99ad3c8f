"""What other processes hear of us, by way of Redis; calls go on without it."""
