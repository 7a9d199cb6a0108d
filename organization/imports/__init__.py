"""Files of the organization, read into typed rows with every fault named."""
