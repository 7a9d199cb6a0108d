"""What breaks in a house of servers: processes killed, disks full, clocks that jump, races."""
