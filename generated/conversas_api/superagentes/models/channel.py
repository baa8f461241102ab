from ..types import OpenStrEnum


class Channel(OpenStrEnum):
    """Channel of a conversation."""

    CHANNEL_DASHBOARD = "dashboard"
    CHANNEL_WEBSITE = "website"
    CHANNEL_WHATSAPP = "whatsapp"
    CHANNEL_SLACK = "slack"
    CHANNEL_CRISP = "crisp"
    CHANNEL_ZAPIER = "zapier"
    CHANNEL_API = "api"
    CHANNEL_FORM = "form"
    CHANNEL_MAIL = "mail"
    CHANNEL_EMAIL = "email"
    CHANNEL_TELEGRAM = "telegram"
