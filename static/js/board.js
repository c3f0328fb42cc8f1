// Boards: columns, cards, moving them.
