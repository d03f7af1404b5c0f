"""What runs and studies leave on disk, as types that writers and readers share."""
