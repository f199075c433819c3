"""The routes of takings and bank deposits (PAY-7)."""
