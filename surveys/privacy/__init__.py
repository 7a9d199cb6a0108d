"""What surveys know of a customer: handed out, erased on request or when its time is over."""
