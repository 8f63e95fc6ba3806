// The shapes that the widget's files share. Read by the type checker only, never by a browser.

type Texts = typeof import("./texts.js").TEXTS;
type Client = import("./client.js").Client;

type Kind = "answer" | "question" | "outcome" | "emergency" | "crisis" | "clarify" | "fallback" | "info";

interface Button {
  title: string;
  choice: string;
}

/** What the guide said. */
interface Message {
  /** Names it in a rating; a message without one cannot be rated. */
  id?: string | null;
  kind: Kind;
  text: string;
  buttons: Button[];
  source: { page: string; publisher: string; heading: string; facts: string[] } | null;
  /** What a channel may show besides, such as the progress of the symptom check. */
  data: Record<string, any>;
}

interface Entry extends Message {
  from: "guide" | "family";
  /** Seconds since 1970. */
  time: number | null;
}

/** What comes with a session. */
interface Offered {
  /** Most characters of a message; 0 for any number. */
  limits: { characters: number };
  /** Choices of this conversation that may be taken at any time, by name. */
  menu: Record<string, string>;
}

/** A message of the family on its way. */
interface Outgoing {
  /** The family's own, so that a message sent twice is taken once. */
  id: string;
  /** What was typed, or the title of the button. */
  text: string;
  choice?: string;
  time: number;
  failed?: boolean;
}

/** What a tab keeps. */
interface Kept {
  session?: string;
  outbox: Outgoing[];
  draft: string;
  open?: boolean;
}

interface Store {
  kept: Kept;
  save(): void;
}

/** Who shows a conversation. */
interface View {
  /** Show all of it anew. */
  replay(entries: Entry[], outbox: Outgoing[]): void;
  sending(message: Outgoing): void;
  answered(messages: Message[], to: Outgoing): void;
  /** It could not be sent for now. */
  failed(message: Outgoing, why: string): void;
  /** It was not taken: give the text back. */
  refused(message: Outgoing, why: string): void;
  /** The session is over: give the texts back. */
  ended(waiting: Outgoing[]): void;
  connection(trouble: { reachable: boolean; text?: string } | null): void;
  limit(characters: number): void;
}

/** What a message needs from the widget around it. */
interface Around {
  texts: Texts;
  /** Of dates and times. */
  locale: string;
  choose(button: Button, pressed: HTMLElement): void;
  rate(about: string, rating: "up" | "down", comment?: string): Promise<void>;
}

interface Summary {
  title: string;
  note: string;
  lines: { label: string; answer: string }[];
  /** All of it as plain text. */
  text: string;
}
