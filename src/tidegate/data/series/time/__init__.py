"""The time of series: forms of dates, numbers that count, zones, calendars of one's own."""
