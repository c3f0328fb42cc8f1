// Naming somebody in a text: @ offers the people one may name.
