"""What stock is: words and rules. Quantities are whole pieces of a variant.

Every piece that comes, goes or moves is a movement between two locations, one of which may be
virtual: suppliers, customers, scrap and corrections are locations, too, so that nothing appears
or disappears. A level is what the movements of one variant at one physical location come to, kept
as a sum. A reservation promises some of it to a line of an order.
"""
