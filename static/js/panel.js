// The side panel, cells edited in the list, the stage path, the way to the next record.
