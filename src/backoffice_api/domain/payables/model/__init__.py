"""Bills of suppliers: words and rules.

draft > pending approval > approved > (scheduled) > partially paid > paid
                         > rejected > draft again
what is not paid may be disputed, and what nothing was paid on may be voided
"""
