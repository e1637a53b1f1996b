"""The only kind of number in an address: an id that a database can hold."""

from django.urls.converters import IntConverter


class IdConverter(IntConverter):
    """Up to 18 digits. No row has a longer number, so its address is not found."""

    regex = "[0-9]{1,18}"
