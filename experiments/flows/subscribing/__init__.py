"""Calendar feeds: their secret addresses, what stands in them, and how it is written as iCalendar."""
