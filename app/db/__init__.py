"""What is kept. SQLAlchemy Core, and only here: nothing above this line sees a row or a connection."""
