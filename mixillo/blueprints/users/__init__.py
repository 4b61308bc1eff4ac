"""People: accounts and profiles, who follows whom, who blocks whom."""
