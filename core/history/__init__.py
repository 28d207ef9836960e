"""What was done to whose picture, for the apps that keep a history: rows, views, admin pages, their end."""
