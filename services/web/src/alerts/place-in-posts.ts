/** Which post is to be read: chosen in the chart, by the reason or by its date, shown where the posts are. */

import { signal } from "@preact/signals";

export interface PostPlace {
  user: string;
  utc: number;
  /** The post that is meant; null for whichever is the last until then. */
  post: string | null;
}

export const wanted = signal<PostPlace | null>(null);

/** Read the posts of a user from one of them on back. */
export function readFrom(place: PostPlace | null): void {
  wanted.value = place;
}
