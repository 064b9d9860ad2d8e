/** Of each item. The last is Codex's own note, of the turn and kind of what stands there, to a provider that it takes for OpenAI. */
export const ITEM_FIELDS = ['type', 'id', 'status', 'internal_chat_message_metadata_passthrough'];
