"""Post: mails and webhooks on disk until somebody has taken them, whatever crashes."""
