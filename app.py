"""Love Q: every route, the upload event, the schedules and the authorizers."""

from __future__ import annotations

from typing import Any

from chalice.app import (
    AuthRequest,
    AuthResponse,
    Chalice,
    CloudWatchEvent,
    CognitoUserPoolAuthorizer,
    CORSConfig,
    Rate,
    S3Event,
)

from chalicelib.api import authorizer, jobs
from chalicelib.api.endpoint import Endpoints
from chalicelib.api.openapi import document
from chalicelib.api.schemas.accounts import ChangeProfile, UserProfile
from chalicelib.api.schemas.analyses import AnalysisReply, Analyze
from chalicelib.api.schemas.common import Nothing
from chalicelib.api.schemas.conversations import ChangeTurn, CreateTurn, TurnList, TurnMessage, TurnsQuery
from chalicelib.api.schemas.emotions import AnalyzeEmotion, EmotionQuery, EmotionReply, PointList, RoomEmotionReply
from chalicelib.api.schemas.erasure import Done, ExportReply, ReceiptReply
from chalicelib.api.schemas.files import FileQuery, FileReply, ProcessFile, UploadReply
from chalicelib.api.schemas.health import Document, Health, HealthQuery
from chalicelib.api.schemas.partners import (
    ChangePartner,
    CreatePartner,
    PartnerId,
    PartnerList,
    PartnerMessage,
    PartnersQuery,
)
from chalicelib.api.schemas.rooms import (
    ChangeRoom,
    CreateRoom,
    MessageList,
    MessagesQuery,
    RoomId,
    RoomList,
    RoomMessage,
    RoomsQuery,
)
from chalicelib.api.schemas.speech import AnalyzeSpeech, RoomSpeech, SpeechAnalysis
from chalicelib.domain import Caller
from chalicelib.services import (
    accounts,
    chat_analysis,
    coaching_turns,
    data_export,
    emotion_analysis,
    erasure,
    files,
    health,
    partner_profiles,
    retention,
    rooms,
    speech_analysis,
)
from chalicelib.settings import settings

app = Chalice(app_name="love-q", configure_logs=False)


# Authorizers. API Gateway asks Cognito or, for another OIDC issuer, the Lambda authorizer below. The local stage has no
# gateway: the endpoint verifies the token.


@app.authorizer(name="auth_middleware")
def auth_middleware(request: AuthRequest) -> AuthResponse:
    return authorizer.authorize(request.token)


AUTHORIZERS = {
    # The deployed template replaces this ARN with the ARN of the stack's own user pool.
    "cognito": CognitoUserPoolAuthorizer("cognito", provider_arns=["arn:aws:cognito-idp:us-east-1:0:userpool/stack"]),
    "lambda": auth_middleware,
    "none": None,
}

api = Endpoints(
    app,
    CORSConfig(
        allow_origin=settings().cors_allow_origin,
        allow_headers=["Accept-Language", "Idempotency-Key", "If-None-Match"],
        expose_headers=["ETag", "Retry-After", "X-Request-Id"],
        max_age=600,
    ),
    AUTHORIZERS[settings().authorizer],
)
app.register_middleware(api.handle_response, "http")


# Health


@api.get("/health", takes=HealthQuery, gives=Health, public=True)
def get_health(caller: Caller | None, request: HealthQuery) -> Health:
    return Health.of(health.check(deep=request.deep and caller is not None))


@api.get("/openapi.json", takes=Nothing, gives=Document, public=True)
def get_openapi(_caller: Caller | None, _request: Nothing) -> Document:
    return Document(**document.build(api.operations))


# The user


@api.get("/user-profile", takes=Nothing, gives=UserProfile)
def get_user_profile(caller: Caller, _request: Nothing) -> UserProfile:
    return UserProfile.of(accounts.get_or_create_profile(caller))


@api.put("/user-profile", takes=ChangeProfile, gives=UserProfile)
def change_user_profile(caller: Caller, request: ChangeProfile) -> UserProfile:
    return UserProfile.of(accounts.update(caller, request.to_domain()))


@api.delete("/user-profile", takes=Nothing, gives=ReceiptReply)
def erase_account(caller: Caller, _request: Nothing) -> ReceiptReply:
    return ReceiptReply.of(erasure.erase_account(caller))


@api.get("/user-export", takes=Nothing, gives=ExportReply)
def export_user(caller: Caller, _request: Nothing) -> ExportReply:
    return ExportReply.of(data_export.export_user(caller))


# Partner profiles


@api.post("/partner-profile", takes=CreatePartner, gives=PartnerMessage, status=201, quota="/partner-profile")
def create_partner_profile(caller: Caller, request: CreatePartner) -> PartnerMessage:
    return PartnerMessage.created(partner_profiles.create(caller, request.to_domain()))


@api.get("/partner-profile", takes=PartnersQuery, gives=PartnerList)
def get_partner_profiles(caller: Caller, request: PartnersQuery) -> PartnerList:
    if request.profile_id:
        return PartnerList.of_one(partner_profiles.get(caller, request.profile_id))
    return PartnerList.of(partner_profiles.page(caller, request.page_request))


@api.put("/partner-profile", takes=ChangePartner, gives=PartnerMessage, quota="/partner-profile")
def change_partner_profile(caller: Caller, request: ChangePartner) -> PartnerMessage:
    return PartnerMessage.changed(partner_profiles.update(caller, request.profile_id, request.changes()))


@api.delete("/partner-profile", takes=PartnerId, gives=Done)
def erase_partner_profile(caller: Caller, request: PartnerId) -> Done:
    partner_profiles.erase(caller, request.profile_id)
    return Done(message="상대 프로필을 지웠어요.")


# Chat rooms and their messages


@api.post("/chat-rooms", takes=CreateRoom, gives=RoomMessage, status=201)
def create_chat_room(caller: Caller, request: CreateRoom) -> RoomMessage:
    return RoomMessage.created(rooms.create(caller, request.to_domain()))


@api.get("/chat-rooms", takes=RoomsQuery, gives=RoomList)
def get_chat_rooms(caller: Caller, request: RoomsQuery) -> RoomList:
    if request.room_id:
        return RoomList.of_one(rooms.details(caller, request.room_id))
    return RoomList.of(rooms.page(caller, request.page_request))


@api.put("/chat-rooms", takes=ChangeRoom, gives=RoomMessage)
def change_chat_room(caller: Caller, request: ChangeRoom) -> RoomMessage:
    return RoomMessage.changed(rooms.update(caller, request.room_id, request.changes()))


@api.delete("/chat-rooms", takes=RoomId, gives=Done)
def erase_chat_room(caller: Caller, request: RoomId) -> Done:
    rooms.erase(caller, request.room_id)
    return Done(message="채팅방을 지웠어요.")


@api.get("/messages", takes=MessagesQuery, gives=MessageList)
def get_messages(caller: Caller, request: MessagesQuery) -> MessageList:
    return MessageList.of(rooms.message_page(caller, request.room_id, request.page_request, request.order))


# Files


@api.post(
    "/process-file",
    takes=ProcessFile,
    gives=FileReply | UploadReply,
    status=201,
    limits=ProcessFile.LIMITS,
    quota="/process-file",
)
def process_file(caller: Caller, request: ProcessFile) -> FileReply | UploadReply:
    if (content := request.content()) is not None:
        return FileReply.of(files.import_inline(caller, request.upload(len(content)), content))
    return UploadReply.of(files.begin_upload(caller, request.upload(request.size or 0)))


@api.get("/process-file", takes=FileQuery, gives=FileReply)
def get_file(caller: Caller, request: FileQuery) -> FileReply:
    return FileReply.of(files.get(caller, request.file_id))


@app.on_s3_event(bucket=settings().upload_bucket, events=["s3:ObjectCreated:*"], prefix="uploads/", name="file_upload")
def file_upload(event: S3Event) -> None:
    jobs.import_created_objects(event.to_dict())


# Analyses


@api.post(
    "/analyze-speech",
    takes=AnalyzeSpeech,
    gives=SpeechAnalysis | RoomSpeech,
    name="speech_analysis",
    quota="/analyze-speech",
)
def analyze_speech(caller: Caller, request: AnalyzeSpeech) -> SpeechAnalysis | RoomSpeech:
    if request.room_id:
        return RoomSpeech.of(speech_analysis.analyse_room(caller, request.room_id))
    return SpeechAnalysis.of(speech_analysis.analyse_texts(caller, request.messages or []))


@api.post(
    "/emotion-analysis",
    takes=AnalyzeEmotion,
    gives=EmotionReply | RoomEmotionReply,
    name="emotion_analysis",
    quota="/emotion-analysis",
)
def analyze_emotion(caller: Caller, request: AnalyzeEmotion) -> EmotionReply | RoomEmotionReply:
    if request.room_id:
        return RoomEmotionReply.of(emotion_analysis.analyse_room(caller, request.room_id))
    return EmotionReply.of(emotion_analysis.analyse_text(caller, request.text or ""))


@api.get("/emotion-analysis", takes=EmotionQuery, gives=PointList)
def get_emotion_points(caller: Caller, request: EmotionQuery) -> PointList:
    return PointList.of(emotion_analysis.history(caller, request.room_id))


@api.post("/analyze", takes=Analyze, gives=AnalysisReply, name="chat_analysis", quota="/analyze")
def analyze_chat(caller: Caller, request: Analyze) -> AnalysisReply:
    return AnalysisReply.of(chat_analysis.analyse(caller, request.to_domain()))


# Coaching turns


@api.post("/conversation-history", takes=CreateTurn, gives=TurnMessage, status=201)
def create_conversation(caller: Caller, request: CreateTurn) -> TurnMessage:
    return TurnMessage.created(coaching_turns.create(caller, request.to_domain()))


@api.put("/conversation-history", takes=ChangeTurn, gives=TurnMessage)
def change_conversation(caller: Caller, request: ChangeTurn) -> TurnMessage:
    coaching_turns.update(caller, request.conversation_id, request.feedback())
    return TurnMessage.changed(request.conversation_id)


@api.get("/conversation-history", takes=TurnsQuery, gives=TurnList)
def get_conversations(caller: Caller, request: TurnsQuery) -> TurnList:
    return TurnList.of(coaching_turns.page(caller, request.room_id, request.page_request), request.page_request)


# Schedules


@app.schedule(Rate(1, unit=Rate.HOURS), name="erase_expired")
def erase_expired(event: CloudWatchEvent) -> dict[str, Any]:
    return jobs.run_scheduled(retention.erase_expired)


@app.schedule(Rate(1, unit=Rate.DAYS), name="check_retention")
def check_retention(event: CloudWatchEvent) -> dict[str, Any]:
    return jobs.run_scheduled(retention.check_retention)
