from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

from attrs import define

from ..models.agent_type import AgentType
from ..models.conversation_type import ConversationType
from ..models.evaluation_status import EvaluationStatus
from ..models.integration_type import IntegrationType
from ..types import EXTRA, UNSET, Model, Unset, read_datetime


@define(repr=False)
class Conversation(Model):
    """One conversation. The page lists no property as required."""

    id: int | Unset = UNSET
    """Id of the conversation."""
    active: bool | Unset = UNSET
    """Whether the conversation is active."""
    live_agent: bool | Unset = UNSET
    """Whether a live agent takes part."""
    from_: None | str | Unset = UNSET
    """Sender of the conversation. The page does not say in which form."""
    conversation_id: None | str | Unset = UNSET
    """Conversation id, as text. Its meaning beside `id` is not documented."""
    water_mark: None | str | Unset = UNSET
    """Water mark. Its meaning is not documented."""
    token: None | str | Unset = UNSET
    """Token. Its meaning is not documented."""
    created_at: datetime.datetime | Unset = UNSET
    """When the conversation was created."""
    finished_at: datetime.datetime | None | Unset = UNSET
    """When the conversation was finished."""
    queued_at: datetime.datetime | None | Unset = UNSET
    """When the conversation was queued."""
    last_conversation_update_time: datetime.datetime | Unset = UNSET
    """When the conversation was last updated."""
    last_message_content: None | str | Unset = UNSET
    """Content of the last message."""
    contact_name: None | str | Unset = UNSET
    """Name of the contact."""
    user_id: int | Unset = UNSET
    """Id of the user."""
    user_name: None | str | Unset = UNSET
    """Name of the user."""
    counterpart_user_id: int | Unset = UNSET
    """Id of the counterpart user."""
    counterpart_user_name: None | str | Unset = UNSET
    """Name of the counterpart user."""
    bot_id: int | Unset = UNSET
    """Id of the bot."""
    bot_name: None | str | Unset = UNSET
    """Name of the bot."""
    file_url: None | str | Unset = UNSET
    """File URL. Its meaning is not documented."""
    file_name: None | str | Unset = UNSET
    """File name. Its meaning is not documented."""
    tenant_id: int | Unset = UNSET
    """Id of the tenant that the conversation belongs to."""
    conversation_summary: None | str | Unset = UNSET
    """Summary of the conversation."""
    messages: list[Message] | None | Unset = UNSET
    """Messages of the conversation. Their order is not documented."""
    score: int | Unset = UNSET
    """Score. Its scale is not documented."""
    final_score: int | Unset = UNSET
    """Final score. Its scale is not documented."""
    checklist_id: int | Unset = UNSET
    """Id of the checklist."""
    channel_id: int | Unset = UNSET
    """Id of the channel."""
    conversation_integration_type: IntegrationType | Unset = UNSET
    """Type of the integration that the conversation came through. The values are documented, their
    meanings are unpublished.
    """
    duration: None | str | Unset = UNSET
    """Duration of the conversation."""
    high_importance_error_detected: bool | Unset = UNSET
    """Whether an error of high importance was detected."""
    tags: list[Tag] | None | Unset = UNSET
    """Tags of the conversation."""
    conversation_evaluation_status: EvaluationStatus | Unset = UNSET
    """Status of the evaluation of the conversation. The values are documented, their meanings are
    unpublished.
    """
    conversation_evaluation_status_message: None | str | Unset = UNSET
    """Message about the status of the evaluation."""
    queue_id: int | Unset = UNSET
    """Id of the queue."""
    queue_name: None | str | Unset = UNSET
    """Name of the queue."""
    conversation_ended_reason_id: int | Unset = UNSET
    """Id of the reason why the conversation ended."""
    agent_type: AgentType | Unset = UNSET
    """Type of the agent of the conversation. The values are documented, their meanings are
    unpublished.
    """
    conversation_type: ConversationType | Unset = UNSET
    """Type of the conversation. The values are documented, their meanings are unpublished."""
    application_status_id: int | Unset = UNSET
    """Id of the application status."""
    overall_sentiment: None | str | Unset = UNSET
    """Overall sentiment. Its values are not documented."""
    call_status: None | str | Unset = UNSET
    """Status of the call. Its values are not documented."""
    disconnection_reason: None | str | Unset = UNSET
    """Reason of the disconnection. Its values are not documented."""
    call_successful: bool | Unset = UNSET
    """Whether the call was successful."""
    total_unreaded_messages_by_user: int | Unset = UNSET
    """Total of unread messages, by user. Its meaning is not documented."""
    dynamic_variables: list[DynamicVariable] | None | Unset = UNSET
    """Dynamic variables of the conversation."""
    data_collection: list[DataCollectionItem] | None | Unset = UNSET
    """Data collected in the conversation."""
    agent_id: int | Unset = UNSET
    """Id of the agent."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "active": "active",
        "liveAgent": "live_agent",
        "from": "from_",
        "conversationId": "conversation_id",
        "waterMark": "water_mark",
        "token": "token",
        "createdAt": "created_at",
        "finishedAt": "finished_at",
        "queuedAt": "queued_at",
        "lastConversationUpdateTime": "last_conversation_update_time",
        "lastMessageContent": "last_message_content",
        "contactName": "contact_name",
        "userId": "user_id",
        "userName": "user_name",
        "counterpartUserId": "counterpart_user_id",
        "counterpartUserName": "counterpart_user_name",
        "botId": "bot_id",
        "botName": "bot_name",
        "fileUrl": "file_url",
        "fileName": "file_name",
        "tenantId": "tenant_id",
        "conversationSummary": "conversation_summary",
        "messages": "messages",
        "score": "score",
        "finalScore": "final_score",
        "checklistId": "checklist_id",
        "channelId": "channel_id",
        "conversationIntegrationType": "conversation_integration_type",
        "duration": "duration",
        "highImportanceErrorDetected": "high_importance_error_detected",
        "tags": "tags",
        "conversationEvaluationStatus": "conversation_evaluation_status",
        "conversationEvaluationStatusMessage": "conversation_evaluation_status_message",
        "queueId": "queue_id",
        "queueName": "queue_name",
        "conversationEndedReasonId": "conversation_ended_reason_id",
        "agentType": "agent_type",
        "conversationType": "conversation_type",
        "applicationStatusId": "application_status_id",
        "overallSentiment": "overall_sentiment",
        "callStatus": "call_status",
        "disconnectionReason": "disconnection_reason",
        "callSuccessful": "call_successful",
        "totalUnreadedMessagesByUser": "total_unreaded_messages_by_user",
        "dynamicVariables": "dynamic_variables",
        "dataCollection": "data_collection",
        "agentId": "agent_id",
    }
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 48 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        self.active = data["active"]
        self.live_agent = data["liveAgent"]
        self.from_ = data["from"]
        self.conversation_id = data["conversationId"]
        self.water_mark = data["waterMark"]
        self.token = data["token"]
        value = data["createdAt"]
        self.created_at = value if value is UNSET else read_datetime(value)
        value = data["finishedAt"]
        self.finished_at = value if value is None or value is UNSET else read_datetime(value)
        value = data["queuedAt"]
        self.queued_at = value if value is None or value is UNSET else read_datetime(value)
        value = data["lastConversationUpdateTime"]
        self.last_conversation_update_time = value if value is UNSET else read_datetime(value)
        self.last_message_content = data["lastMessageContent"]
        self.contact_name = data["contactName"]
        self.user_id = data["userId"]
        self.user_name = data["userName"]
        self.counterpart_user_id = data["counterpartUserId"]
        self.counterpart_user_name = data["counterpartUserName"]
        self.bot_id = data["botId"]
        self.bot_name = data["botName"]
        self.file_url = data["fileUrl"]
        self.file_name = data["fileName"]
        self.tenant_id = data["tenantId"]
        self.conversation_summary = data["conversationSummary"]
        value = data["messages"]
        self.messages = (
            value
            if value is None or value is UNSET
            else [Message.from_checked(item) for item in value]
        )
        self.score = data["score"]
        self.final_score = data["finalScore"]
        self.checklist_id = data["checklistId"]
        self.channel_id = data["channelId"]
        value = data["conversationIntegrationType"]
        self.conversation_integration_type = value if value is UNSET else IntegrationType(value)
        self.duration = data["duration"]
        self.high_importance_error_detected = data["highImportanceErrorDetected"]
        value = data["tags"]
        self.tags = (
            value if value is None or value is UNSET else [Tag.from_checked(item) for item in value]
        )
        value = data["conversationEvaluationStatus"]
        self.conversation_evaluation_status = value if value is UNSET else EvaluationStatus(value)
        self.conversation_evaluation_status_message = data["conversationEvaluationStatusMessage"]
        self.queue_id = data["queueId"]
        self.queue_name = data["queueName"]
        self.conversation_ended_reason_id = data["conversationEndedReasonId"]
        value = data["agentType"]
        self.agent_type = value if value is UNSET else AgentType(value)
        value = data["conversationType"]
        self.conversation_type = value if value is UNSET else ConversationType(value)
        self.application_status_id = data["applicationStatusId"]
        self.overall_sentiment = data["overallSentiment"]
        self.call_status = data["callStatus"]
        self.disconnection_reason = data["disconnectionReason"]
        self.call_successful = data["callSuccessful"]
        self.total_unreaded_messages_by_user = data["totalUnreadedMessagesByUser"]
        value = data["dynamicVariables"]
        self.dynamic_variables = (
            value
            if value is None or value is UNSET
            else [DynamicVariable.from_checked(item) for item in value]
        )
        value = data["dataCollection"]
        self.data_collection = (
            value
            if value is None or value is UNSET
            else [DataCollectionItem.from_checked(item) for item in value]
        )
        self.agent_id = data["agentId"]
        return self


# At the foot, since schemas may refer to each other.
from ..models.data_collection_item import DataCollectionItem
from ..models.dynamic_variable import DynamicVariable
from ..models.message import Message
from ..models.tag import Tag
