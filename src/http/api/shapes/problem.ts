import { z } from "zod";

/** RFC 9457; every answer that is no success has this shape. */
export const problemShape = z
  .object({
    type: z
      .string()
      .regex(/^urn:tourniquet:problem:[a-z-]+$/)
      .meta({ description: "urn:tourniquet:problem:<kind>; the kind is stable and for programs" }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: "for people: what is wrong and how to mend it" }),
    instance: z.string().optional().meta({ description: "the path that was asked" }),
    errors: z
      .array(z.object({ field: z.string(), problem: z.string() }))
      .optional()
      .meta({ description: "every field that is wrong, and what with it" }),
  })
  .meta({
    id: "Problem",
    example: {
      type: "urn:tourniquet:problem:invalid",
      title: "Unprocessable Entity",
      status: 422,
      detail: "Say who takes it on.",
      instance: "/api/incidents/inc-0-3f2a9c117d10-1/acknowledge",
      errors: [{ field: "by", problem: "must say who" }],
    },
  });
