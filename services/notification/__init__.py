"""Notices, by a webhook or by mail, that alerts have risen into a band; of nobody's name, text or post.

    alerts → band_rises → notices → webhook, mail

band_rises  who has risen: keyed by user when it comes in, by band when it goes out
notices     many rises are one notice
"""
