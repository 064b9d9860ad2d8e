import type { Message } from '../../../src/core/message.ts';
import { classify } from '../../../src/routing/complexity/classify.ts';

export const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
export const assistant = (text: string): Message => ({ role: 'assistant', content: [{ type: 'text', text }] });
export const classifyText = (text: string) => classify({ messages: [user(text)] });
