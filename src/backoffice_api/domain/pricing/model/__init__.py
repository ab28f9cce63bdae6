"""Words and rules of prices.

A variant has a base price in each currency. A price list says otherwise for some time, some
customers, some channel or larger quantities. Prices are never changed in what is past: a new one
takes the place of the old one from a moment on, so that what applied at any time can be told.
"""
