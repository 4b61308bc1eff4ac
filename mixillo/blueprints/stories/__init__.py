"""Stories: what people show for a day, who has seen it, and what they keep of it on their page."""
