"""What is left of sales: by line, order, channel, supplier and product."""
