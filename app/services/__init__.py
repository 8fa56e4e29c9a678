"""What people do: one function a verb. It loads, decides by the domain's rules, keeps, and records in the audit."""
