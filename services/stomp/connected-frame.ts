import { type StompHeaders, Versions } from "@stomp/stompjs";
import { type HeartBeats, heartBeatsOf } from "./beat.js";

/** What the broker did wrong, and its own word for it. */
export interface Violation {
  readonly wrong: string;
  readonly word: string;
}

/** The heart-beats that CONNECTED agrees to. */
export function readConnected({
  version = "1.0",
  "heart-beat": agreed,
}: StompHeaders): HeartBeats | Violation {
  if (version !== Versions.V1_2) return { wrong: "another version than STOMP 1.2", word: version };
  return heartBeatsOf(agreed) ?? { wrong: "a heart-beat that is none", word: agreed ?? "" };
}
