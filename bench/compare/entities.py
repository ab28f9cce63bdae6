"""The tables as SQLAlchemy's ORM sees them, for the server `stock`.

Entities map all columns, as they do in an application; what follows from the columns is computed
by the same properties as in the domain.
"""

from sqlalchemy.orm import DeclarativeBase

from backoffice_api.domain.all_tables import metadata as all_tables
from backoffice_api.domain.customers import tables as of_customers
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.external_ids import external_ids
from backoffice_api.domain.orders import tables as of_orders
from backoffice_api.domain.orders.model import lines, orders
from backoffice_api.domain.products import model as products
from backoffice_api.domain.products import tables as of_products
from backoffice_api.domain.stock import tables as of_stock


class Entity(DeclarativeBase):
    metadata = all_tables


class Channel(Entity):
    __table__ = of_orders.channels


class Customer(Entity):
    __table__ = of_customers.customers


class CustomerTag(Entity):
    __table__ = of_customers.tags


class ExternalId(Entity):
    __table__ = external_ids


class Event(Entity):
    __table__ = events


class Order(Entity):
    __table__ = of_orders.orders
    total = orders.Order.total
    ordered = orders.Order.ordered
    current = orders.Order.current
    actions = orders.Order.actions
    due_minor = orders.Order.due_minor
    outstanding_minor = orders.Order.outstanding_minor
    written_off = orders.Order.written_off
    authorized = orders.Order.authorized


class OrderLine(Entity):
    __table__ = of_orders.order_lines
    unit_price = lines.OrderLine.unit_price
    ordered = lines.OrderLine.ordered


class OrderDiscount(Entity):
    __table__ = of_orders.order_discounts
    amount = orders.OrderDiscount.amount


class OrderAddress(Entity):
    __table__ = of_orders.order_addresses


class Hold(Entity):
    __table__ = of_orders.holds


class Product(Entity):
    __table__ = of_products.products


class Variant(Entity):
    __table__ = of_products.variants
    title = products.Variant.title


class Barcode(Entity):
    __table__ = of_products.barcodes


class Location(Entity):
    __table__ = of_stock.locations


class StockLevel(Entity):
    __table__ = of_stock.levels
