import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { hasEnded } from "../server/session-store.ts";
import { useStore } from "../store.ts";
import { Icon } from "./icon.tsx";

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose(): void;
  children: ComponentChildren;
}

/** The browser's own: it keeps the focus inside, closes on Escape, and gives the focus back. A sheet from below on a phone. */
export function Dialog({ title, isOpen, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Behind the question for the login nothing closes, and nothing that was written goes.
  const isBehind = useStore(hasEnded);
  useEffect(() => {
    const dialog = ref.current;
    if (isOpen && dialog && !dialog.open) {
      dialog.showModal();
      // Not on a phone: its keyboard would cover what is about to happen.
      if (matchMedia("(hover: hover)").matches) dialog.querySelector<HTMLElement>("input, textarea")?.focus();
    }
    if (!isOpen && dialog?.open) dialog.close();
  }, [isOpen]);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={id}
      onClose={onClose}
      closedby={isBehind ? "none" : "closerequest"}
    >
      {isOpen && (
        <div class="dialog-body">
          <header class="dialog-head">
            <h2 id={id}>{title}</h2>
            <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
              <Icon name="close" />
            </button>
          </header>
          {children}
        </div>
      )}
    </dialog>
  );
}
