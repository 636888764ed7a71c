// A client as a web application writes one. It is never run: it compiles, so its types are those of the API.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

const api = createClient<paths>({
  baseUrl: "https://api.example.com",
  headers: { Authorization: "Bearer token", "Accept-Language": "ko" },
});

function explain(problem: Schemas["ProblemReply"]): string {
  const fields = problem.errors?.map((fault) => `${fault.field}: ${fault.message}`) ?? [];
  return [problem.code, problem.detail, ...fields, problem.request_id].join("\n");
}

export async function signIn(): Promise<Schemas["UserProfile"]> {
  const health = await api.GET("/health");
  const status: "ok" | "degraded" | "down" | undefined = health.data?.status;
  const { data, error, response } = await api.PUT("/user-profile", {
    body: { timezone: "Asia/Seoul", consents: { age_over_14: true, terms: true, overseas_transfer: true } },
  });
  if (error) throw new Error(`${status} ${response.headers.get("X-Request-Id")} ${explain(error)}`);
  const agreed: string | null = data.consents.terms;
  return agreed ? data : (await api.GET("/user-profile")).data ?? data;
}

export async function importChat(text: string): Promise<string | null> {
  const { data, error } = await api.POST("/process-file", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { file_content: text, filename: "KakaoTalkChats.txt" },
  });
  if (error) throw new Error(explain(error));
  return "upload" in data ? null : data.room_id;
}

export async function sendLargeFile(file: File): Promise<Schemas["FileReply"]> {
  const { data, error } = await api.POST("/process-file", { body: { filename: file.name, size: file.size } });
  if (error) throw new Error(explain(error));
  if (!("upload" in data)) return data;
  const form = new FormData();
  for (const [name, value] of Object.entries(data.upload.fields)) form.append(name, value);
  form.append("file", file);
  await fetch(data.upload.url, { method: "POST", body: form });
  const asked = await api.GET("/process-file", { params: { query: { file_id: data.file.file_id } } });
  return asked.data ?? data.file;
}

export async function* rooms(): AsyncGenerator<Schemas["RoomReply"]> {
  let cursor: string | undefined;
  do {
    const { data, error } = await api.GET("/chat-rooms", { params: { query: { limit: 50, cursor } } });
    if (error) throw new Error(explain(error));
    yield* data.rooms;
    cursor = data.next_cursor ?? undefined;
  } while (cursor);
}

export async function makeRoom(): Promise<Schemas["RoomReply"] | undefined> {
  const made = await api.POST("/chat-rooms", { body: { partner_name: "바다", partner_relationship: "썸" } });
  if (!made.data) return undefined;
  const { room_id } = made.data.room;
  const changed = await api.PUT("/chat-rooms", { body: { room_id, my_name: "하늘" } });
  return changed.data?.room;
}

export async function latest(room_id: string): Promise<string[]> {
  const { data } = await api.GET("/messages", { params: { query: { room_id, order: "desc" } } });
  return (data?.messages ?? []).map(({ role, kind, text, sent_at }) => `${sent_at} ${role} ${kind}: ${text}`);
}

export async function speech(messages: string[]): Promise<Schemas["SpeechAnalysis-Output"] | undefined> {
  const { data } = await api.POST("/analyze-speech", { body: { messages } });
  return data && "participants" in data ? data.participants[0] : data;
}

export async function coach(room_id: string): Promise<string[]> {
  const { data, error, response } = await api.POST("/analyze", { body: { room_id, goal: "힘이 되고 싶어요" } });
  if (response.status === 429) return [`${response.headers.get("Retry-After")} s`];
  if (error) throw new Error(explain(error));
  const action: "send" | "wait" | "do_not_contact" = data.recommendation.action;
  const score: number | undefined = data.interest?.score;
  return data.responses.map(({ type, message, risk_level }) => `${action} ${score} ${type} ${risk_level} ${message}`);
}

export async function feelings(room_id: string): Promise<string[]> {
  const { data } = await api.POST("/emotion-analysis", { body: { text: "오늘 정말 좋았어" } });
  const sentiment: "POSITIVE" | "NEGATIVE" | "NEUTRAL" | "MIXED" | undefined =
    data && "sentiment" in data ? data.sentiment : data?.participants[0]?.sentiment;
  const days = await api.GET("/emotion-analysis", { params: { query: { room_id } } });
  return [`${sentiment}`, ...(days.data?.points ?? []).map((point) => `${point.date} ${point.role} ${point.positive}`)];
}

export async function describe(): Promise<Schemas["PartnerProfileReply"] | undefined> {
  const made = await api.POST("/partner-profile", {
    body: { name: "바다", relationship: "썸", interests: ["영화", "고양이"], mbti: "ENFJ" },
  });
  if (!made.data) return undefined;
  const { profile_id } = made.data;
  const changed = await api.PUT("/partner-profile", { body: { profile_id, interests: "영화", age: null } });
  const score: number | null | undefined = changed.data?.analysis?.compatibility_score;
  const listed = await api.GET("/partner-profile", { params: { query: { profile_id } } });
  return score === null ? listed.data?.profiles[0] : changed.data?.profile;
}

export async function remember(answer: Schemas["AnalysisReply"]): Promise<number> {
  const [safe] = answer.responses;
  const kept = await api.POST("/conversation-history", {
    body: {
      user_message: "힘이 되고 싶어요",
      ai_responses: answer.responses.map((response) => ({ ...response })),
      analysis_id: answer.analysis_id,
      selected_response_type: safe?.type ?? null,
      selected_response: safe?.message,
    },
  });
  if (kept.data) {
    const { conversation_id } = kept.data;
    await api.PUT("/conversation-history", { body: { conversation_id, feedback_rating: 5 } });
  }
  return (await api.GET("/conversation-history")).data?.total_count ?? 0;
}

export async function leave(room_id: string, profile_id: string): Promise<string | undefined> {
  await api.DELETE("/chat-rooms", { body: { room_id } });
  await api.DELETE("/partner-profile", { params: { query: { profile_id } } });
  const everything = await api.GET("/user-export");
  const { data } = await api.DELETE("/user-profile");
  return everything.data && data?.receipt_id;
}

// What the API does not take does not compile.

export const refused = [
  // @ts-expect-error: a room needs its partner's name
  () => api.POST("/chat-rooms", { body: { partner_relationship: "썸" } }),
  // @ts-expect-error: a limit is a number
  () => api.GET("/chat-rooms", { params: { query: { limit: "many" } } }),
  // @ts-expect-error: there is no such style
  () => api.PUT("/user-profile", { body: { preferred_speech_level: "rude" } }),
  // @ts-expect-error: neither text nor room
  () => api.POST("/analyze", { body: { goal: "가까워지고 싶어요" } }),
  // @ts-expect-error: there is no such route
  () => api.GET("/chat-room"),
];
