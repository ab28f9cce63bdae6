"""What purchasing is: words and rules.

A supplier sells variants under SKUs of its own. A purchase order asks it for pieces at a price;
what arrives is a receipt, which puts them on stock at their cost; what goes back is a return.
"""
