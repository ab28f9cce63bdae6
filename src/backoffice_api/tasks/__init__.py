"""What a worker does outside transactions: ask carriers, banks and mail servers, draw documents."""
